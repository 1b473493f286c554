from jobs import block, make_jobs
from shiny import App, reactive, render, ui
from shinywidgets import output_widget, render_widget

names = ("simulated", "function", "waited")
page = ui.page_fluid(ui.input_action_button("go", "Block"), *map(output_widget, names), ui.output_text("told"))


def server(input, output, session):
    made = make_jobs()

    @reactive.effect
    def _flush():  # Shiny sends what has changed only when it flushes
        reactive.invalidate_later(0.3)

    @render_widget
    def simulated():
        return made[0]

    @render_widget
    def function():
        return made[1]

    @render_widget
    def waited():
        return made[2]

    @render.text
    @reactive.event(input.go)
    def told():
        return block(made[2])


app = App(page, server)
