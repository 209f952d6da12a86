"""What scripts written for W&B put into a run: parameters, final metrics, pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any


class AlertLevel:
    """How bad an alert is."""

    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"


class Image:
    """A picture to log: a path, a Matplotlib figure, or anything with ``save(path)`` such as a PIL image."""

    def __init__(self, data_or_path: Any, *, caption: str | None = None, **_: Any) -> None:
        self._data = data_or_path
        self.caption = caption

    def store(self, folder: Path, name: str) -> Path:
        """Writes the picture and returns its file."""
        if isinstance(self._data, (str, os.PathLike)):
            return Path(self._data)
        path = folder / f"{name.replace('/', '_')}.png"
        data = self._data.gcf() if hasattr(self._data, "gcf") else self._data
        if hasattr(data, "savefig"):
            data.savefig(path)
        elif hasattr(data, "save"):
            data.save(path)
        else:
            raise TypeError(f"{type(data).__name__} is no picture: give a path, a figure or a PIL image")
        return path


class Config(MutableMapping[str, Any]):
    """Parameters, by key or attribute."""

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        object.__setattr__(self, "_values", dict(values or {}))

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._values[key] = value

    def __delitem__(self, key: str) -> None:
        del self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, key: str) -> Any:
        try:
            return self._values[key]
        except KeyError:
            raise AttributeError(key) from None

    def __setattr__(self, key: str, value: Any) -> None:
        self._values[key] = value

    def __repr__(self) -> str:
        return repr(self._values)

    def update(self, *arguments: Any, allow_val_change: bool | None = None, **values: Any) -> None:  # type: ignore[override]
        """Adds parameters."""
        super().update(*arguments, **values)

    def setdefaults(self, values: Mapping[str, Any]) -> None:
        """Adds the parameters that are missing."""
        self._values.update({k: v for k, v in values.items() if k not in self._values})


class Summary(Config):
    """Final metrics: the last of each series unless ``define_metric`` or the script says otherwise."""

    def follow(self, name: str, value: float, how: str) -> None:
        """Takes a value of a series in, unless the script set the summary itself."""
        series = self.__dict__.setdefault("_series", set())
        held = self._values.get(name)
        if held is not None and name not in series:
            return
        series.add(name)
        if held is None or how == "last" or (value < held if how == "min" else value > held):
            self._values[name] = value

    def __setitem__(self, key: str, value: Any) -> None:
        self.__dict__.get("_series", set()).discard(key)
        super().__setitem__(key, value)

    def __setattr__(self, key: str, value: Any) -> None:
        self[key] = value
