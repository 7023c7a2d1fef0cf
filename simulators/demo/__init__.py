"""The demo: an app started on the simulators, its clock moved, with scenarios and a page."""
