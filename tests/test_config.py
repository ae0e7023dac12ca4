"""A configuration's id depends on everything that affects its result, and on nothing else."""

import pytest

from glico.config import OFFERED, ClassifyConfig, Config, DcganConfig, TrainConfig
from glico.config.schema import field


def named(**values: object) -> str:
    return ClassifyConfig(checkpoint="c", **values).fingerprint()


@pytest.mark.parametrize(("used_by", "unused_by", "change"), [
    ("glico", "standard", {"path": "lerp"}),
    ("glico", "mixup", {"interpolation_factors": (0.5,)}),
    ("glico+autoaugment", "cutout", {"drawn_from": (1, 2)}),
    ("glico", "none", {"least_confidence": 0.5}),
    ("cutout", "glico", {"cutout_side": 0.25}),
    ("cutmix", "cutout", {"mix_alpha": 0.2}),
    ("mixup", "standard", {"replace_probability": 0.9}),
])  # fmt: skip
def test_a_setting_that_the_method_does_not_use_changes_no_name(
    used_by: str, unused_by: str, change: dict[str, object]
) -> None:
    assert named(augmentation=used_by, **change) != named(augmentation=used_by)
    assert named(augmentation=unused_by, **change) == named(augmentation=unused_by)


def test_other_conditions_count_as_well() -> None:
    assert named(holdout_fraction=0.5) == named()
    assert named(scored_on="holdout", holdout_fraction=0.5) != named(scored_on="holdout")
    assert named(guesses=4) == named()
    assert named(learning="mixmatch", guesses=4) != named(learning="mixmatch")


def test_where_a_run_works_and_what_it_keeps_change_no_name() -> None:
    assert named(device="cuda:1", download=True, store_classifier=False) == named()


def test_conditions_name_existing_fields_and_values() -> None:
    for name in ClassifyConfig.model_fields:
        for other, values in ClassifyConfig.conditions(name).items():
            for value in values:
                assert ClassifyConfig.model_validate({"checkpoint": "c", other: value}), name
    assert set(ClassifyConfig.conditions("path")["augmentation"]) == {name for name in OFFERED if "glico" in name}


def test_settings_of_another_version_are_no_part_of_a_name() -> None:
    assert "warp" not in ClassifyConfig.computing({"warp": 9, "seed": 1})


def test_names_of_runs_that_were_made_stay_as_they_were() -> None:
    paper = {"gamma": 0.5, "weak_classifier": "weak-cnn"}  # the defaults of then
    made = (
        TrainConfig(**paper),
        TrainConfig(**paper | {"seed": 3, "gamma": 0.05}),
        ClassifyConfig(checkpoint="c"),
        DcganConfig(),
    )
    assert [config.fingerprint() for config in made] == ["ea110f50", "e9c5494c", "4e3c3a81", "e7a4602a"]


def test_a_later_field_changes_a_name_only_where_it_is_set() -> None:
    class Before(Config):
        steps: int = field(1, "", group="")

    class After(Before):
        layers: tuple[int, ...] = field((), "", group="", later=True)

    assert After().fingerprint() == Before().fingerprint() != After(layers=(1,)).fingerprint()


def test_a_list_of_numbers_says_how_many_it_takes() -> None:
    assert ClassifyConfig.describe("interpolation_factors").domain == "1 to 100 numbers"
    assert TrainConfig.describe("layer_weights").domain == "5 numbers"
    assert ClassifyConfig.describe("drawn_from").domain == "numbers"
