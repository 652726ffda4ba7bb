"""Tests of the channels; what is started here leaves TensorFlow out, as `make run`.

It would take most of the time that a light server needs to start.
"""

from __future__ import annotations

from rasa_ext.no_tensorflow import leave_tensorflow_out

leave_tensorflow_out()
