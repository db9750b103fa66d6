"""The look: system fonts only, quiet colours of enough contrast, light and dark."""

from pathlib import Path

import gradio as gr

STATIC = Path(__file__).parent / "static"
STYLESHEET = STATIC / "page.css"
_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def theme() -> gr.themes.Base:
    """Gradio's plainest theme, with our accent and without fonts from anywhere."""
    accent = "#0f5c63"
    return gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.stone,
        font=[gr.themes.Font(name) for name in _SANS],
        font_mono=[gr.themes.Font(name) for name in _MONO],
        radius_size=gr.themes.sizes.radius_md,
    ).set(
        body_background_fill="#fbfaf7",
        body_background_fill_dark="#161513",
        block_background_fill="#ffffff",
        block_background_fill_dark="#1f1d1a",
        body_text_color_subdued="#5d574f",
        body_text_color_subdued_dark="#b3aca2",
        block_label_text_color="#4d4841",
        block_label_text_color_dark="#cfc8bd",
        block_title_text_color="#4d4841",
        block_title_text_color_dark="#cfc8bd",
        input_placeholder_color="#6f685f",
        input_placeholder_color_dark="#a49c91",
        button_primary_background_fill=accent,
        button_primary_background_fill_dark="#17777f",
        button_primary_background_fill_hover="#0b4a50",
        button_primary_background_fill_hover_dark="#0f5c63",
        button_primary_text_color="#ffffff",
    )
