import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    from jobs import block, make_jobs

    simulated, function, waited = make_jobs()
    return block, function, mo, simulated, waited


@app.cell
def _(simulated):
    simulated


@app.cell
def _(function):
    function


@app.cell
def _(waited):
    waited


@app.cell
def _(mo):
    button = mo.ui.run_button(label="Block")
    button
    return (button,)


@app.cell
def _(block, button, waited):
    if button.value:
        block(waited)


if __name__ == "__main__":
    app.run()
