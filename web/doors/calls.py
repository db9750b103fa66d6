"""What endpoints and events take: a call that does not fit is refused with one line before it is queued."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

import gradio as gr

from web.doors.refusal import Refusal

_KINDS = {str: "text", int: "a whole number"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an endpoint for programs."""

    name: str
    kind: type
    default: Any = inspect.Parameter.empty

    @property
    def needed(self) -> bool:
        """Whether a call has to give it."""
        return self.default is inspect.Parameter.empty

    def check(self, value: Any) -> None:
        """Raises Refusal for a value of another type."""
        if not isinstance(value, self.kind) or isinstance(value, bool):
            raise Refusal(422, f"{self.name} must be {_KINDS[self.kind]}, got {described(value)}")
        if isinstance(value, int) and abs(value) >= 2**31:
            raise Refusal(422, f"{self.name} is out of range")


def parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """An endpoint's parameters, as its function declares them; what Gradio gives by itself is none."""
    hints = get_type_hints(function)
    return tuple(
        Parameter(name, hints[name], found.default)
        for name, found in inspect.signature(function).parameters.items()
        if hints.get(name) in _KINDS
    )


def named(wanted: tuple[Parameter, ...], given: Any) -> list[Any]:
    """The values of a call by name, in order. Raises Refusal."""
    if not isinstance(given, Mapping):
        raise Refusal(422, f"the parameters must be an object of JSON, got {described(given)}")
    names = [one.name for one in wanted]
    if unknown := [name for name in given if name not in names]:
        raise Refusal(422, f'there is no parameter "{unknown[0][:60]}"; there are: {", ".join(names) or "none"}')
    if missing := [one.name for one in wanted if one.needed and one.name not in given]:
        raise Refusal(422, f"the parameter {missing[0]} is missing")
    return positional(wanted, [given.get(one.name, one.default) for one in wanted])


def positional(wanted: tuple[Parameter, ...], given: Any) -> list[Any]:
    """The values of a call in order, with defaults for those left out. Raises Refusal."""
    if not isinstance(given, list):
        raise Refusal(422, f"data must be a list of the parameters, got {described(given)}")
    if len(given) > len(wanted):
        raise Refusal(422, f"{len(given)} parameters are too many: there are {len(wanted)}")
    if missing := [one.name for one in wanted[len(given) :] if one.needed]:
        raise Refusal(422, f"the parameter {missing[0]} is missing")
    for one, value in zip(wanted, given, strict=False):
        one.check(value)
    return [*given, *(one.default for one in wanted[len(given) :])]


def event_data(function: Any, given: Any) -> list[Any]:
    """The values of a page's event, one for each component that it reads. Raises Refusal."""
    inputs = function.inputs
    if not isinstance(given, list) or len(given) != len(inputs):
        raise Refusal(422, f"data must be a list of {len(inputs)} values")
    return [_input(component, value) for component, value in zip(inputs, given, strict=True)]


def _input(component: Any, value: Any) -> Any:
    """A component's value. What the server keeps itself is not taken from a browser."""
    if isinstance(component, gr.State):
        return None
    fits = _FITS.get(type(component), lambda component, value: False)
    most = getattr(component, "max_length", None)
    if isinstance(value, str) and most is not None and len(value) > most:
        raise Refusal(422, f"{component.label} has {len(value):,} characters: give at most {most:,}")
    if not fits(component, value):
        raise Refusal(422, f"{described(value)} is no value of {component.label or type(component).__name__}")
    return value


def _text(component: Any, value: Any) -> bool:
    return value is None or isinstance(value, str)


def _number(component: Any, value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and component.minimum <= value <= component.maximum


_FITS: dict[type, Callable[[Any, Any], bool]] = {
    gr.Textbox: _text,
    gr.Dropdown: _text,
    gr.HTML: lambda component, value: value is None or isinstance(value, str | bool),
    gr.JSON: lambda component, value: value is None or isinstance(value, dict | list),
    gr.Slider: _number,
    gr.Checkbox: lambda component, value: isinstance(value, bool),
    gr.File: lambda component, value: value is None or isinstance(value, list),
}


def described(value: Any) -> str:
    """A value's type in the words of JSON."""
    words = {type(None): "null", bool: "true or false", str: "text", list: "a list", dict: "an object"}
    return words.get(type(value), "a number")
