"""What all tests share: examples of hypothesis are not timed, since a machine under load is no defect."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
