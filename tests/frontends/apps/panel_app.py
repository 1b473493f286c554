import panel
from jobs import block, make_jobs

panel.extension("ipywidgets")
simulated, function, waited = make_jobs()
button = panel.widgets.Button(name="Block", on_click=lambda _: block(waited))
panes = [panel.pane.IPyWidget(job) for job in (simulated, function, waited)]
panel.Column(button, *panes).servable()
