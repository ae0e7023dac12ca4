"""Python imports this at its start, in every process of a test: it lets what works there wait for the test.

``tests/holding.py`` says what that is. Nothing is imported until the module itself is.
"""

import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path


def held() -> bool:
    """Return whether there is a barrier that has not been lifted."""
    barrier = os.environ.get("GLICO_TEST_BARRIER")
    return barrier is not None and Path(barrier).exists()


def hold_runs(execute) -> None:
    """A run stands still after the step $GLICO_TEST_STEP, its state kept, until it is told to stop or the barrier is
    lifted."""
    original = execute._Execution
    save = original.save  # an AttributeError in every process if it has another name

    class Held(original):
        def run(self, device, stop):
            self.stop = stop
            if held():
                execute.NEWS_SECONDS = 0.0  # it says every step
            return super().run(device, stop)

        def resume(self, training):
            self.training = training
            return super().resume(training)

        def update(self, **changes):
            step = changes.get("step", 0)
            if "steps_per_second" in changes and held() and step >= int(os.environ["GLICO_TEST_STEP"]):
                save(self, self.training)
                super().update(**changes)
                while held() and not self.stop():
                    time.sleep(0.01)
            super().update(**changes)

    execute._Execution = Held


def hold_projections(projection) -> None:
    """A projection does not begin until the barrier is lifted."""
    original = projection.project

    def project(*arguments, **options):
        while held():
            time.sleep(0.01)
        return original(*arguments, **options)

    projection.project = project


WANTED = {"glico.runs.execute": hold_runs, "glico.latent.projection": hold_projections}


class Hooks:
    """Changes a module as soon as it has been imported."""

    def find_spec(self, name, path=None, target=None):
        change = WANTED.get(name)
        if change is None:
            return None
        sys.meta_path.remove(self)
        try:
            spec = find_spec(name)
        finally:
            sys.meta_path.insert(0, self)
        execute = spec.loader.exec_module

        def exec_module(module) -> None:
            execute(module)
            change(module)

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, Hooks())
