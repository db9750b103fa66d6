"""The doors: what every request passes before anything of Gradio's sees it; `doors.Doors` is the whole of it."""
