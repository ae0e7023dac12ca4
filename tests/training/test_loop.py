"""Laws of all trainings: a restored optimiser equals the saved one."""

import torch

from glico.training.loop import optimiser_state, restore_optimiser


def test_restored_moments_lie_in_memory_as_their_parameters_do() -> None:
    network = torch.nn.Conv2d(3, 8, 3).to(memory_format=torch.channels_last)
    first, second = (torch.optim.Adam(network.parameters()) for _ in range(2))
    network(torch.rand(2, 3, 8, 8)).sum().backward()
    first.step()
    kept = {name: value.contiguous() for name, value in optimiser_state(first, "adam").items()}
    restore_optimiser(second, "adam", kept)
    for parameter in network.parameters():
        for name in ("exp_avg", "exp_avg_sq"):
            moment, restored = first.state[parameter][name], second.state[parameter][name]
            assert torch.equal(restored, moment)
            assert restored.stride() == parameter.stride(), "a GPU's fused Adam refuses others"
