import solara
from jobs import block, make_jobs


@solara.component
def Page():
    simulated, function, waited = solara.use_memo(make_jobs, [])
    solara.Button("Block", on_click=lambda: block(waited))
    for job in (simulated, function, waited):
        solara.display(job)
