"""Tests of the channels; their light servers start without TensorFlow, as `make run`.

It would take most of the time that they need to start.
"""

from __future__ import annotations

from rasa_ext.no_tensorflow import leave_tensorflow_out

leave_tensorflow_out()
