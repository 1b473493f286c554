"""What a running function says of itself: its context, ``track`` and ``report``, prints and bars."""
