"""The commands behind the make targets."""

import os

# Noise of Rasa's own dependencies, which no user can act on; telemetry is off.
QUIET = {
    # Rasa's own progress bars, which flood a log: ours are shown instead
    "LOG_LEVEL": "WARNING",
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
}
os.environ.update({name: os.environ.get(name, value) for name, value in QUIET.items()})
