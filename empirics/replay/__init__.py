"""Derivatives of anyone's loss, recorded as plain operations and played while all that it reads is the same."""

from empirics.replay.replays import Replays

__all__ = ["Replays"]
