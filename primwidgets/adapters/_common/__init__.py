"""What several adapters share: texts, status words, pictures of results, refusals."""
