# %%
from jobs import block, make_jobs

simulated, function, waited = make_jobs()
simulated

# %%
function

# %%
import ipywidgets

button = ipywidgets.Button(description="Block")
button.on_click(lambda _: block(waited, 20))
ipywidgets.VBox([button, waited])
