"""The choice of a tree's labels: its folders or a table beside the images. Both are read and compared."""

from collections.abc import Mapping
from dataclasses import replace

from glico.data.file_kinds import suffix_of
from glico.data.folder_layout import by_folder
from glico.data.image_lookup import Lookup
from glico.data.label_table import LabelTable, Scan, find_tables
from glico.data.labelled import Labelled
from glico.data.preparation import Unreadable
from glico.data.split_names import is_storage
from glico.data.table_labels import Relation, by_table, relation
from glico.data.tree import Names, Tree
from glico.errors import GlicoError

REMEDIES = {  # by the kind of file that was found in place of images
    "DICOM files": "export them as PNG or TIFF",
    "zip archives": "unpack them into folders, one for each class",
    "gzip archives": "unpack them into folders, one for each class",
    "7z archives": "unpack them into folders, one for each class",
    "RAR archives": "unpack them into folders, one for each class",
    "videos": "save single frames as JPEG or PNG",
    "NumPy arrays": "save the images as PNG, or all of them in one .npz with MedMNIST's keys",
}
SHEETS = (".xlsx", ".xls", ".ods", ".parquet", ".mat", ".feather")


def find_labels(tree: Tree, table: str | None, unreadable: Unreadable, groups: str | None = None) -> Labelled:
    """Return the labels of a tree: those of the file ``table`` at its top, or the ones that are found.

    Folders that are classes are believed unless a table renames their classes or divides them into splits. Raises
    GlicoError if folders and a table contradict each other, or if neither says the classes.
    """
    images = Lookup(tree, tree.images)
    column = groups.removeprefix("column:") if groups and groups.startswith("column:") else ""
    scan = find_tables(tree, images, table)
    if table is not None:
        if not scan.labels:
            why = scan.ignored.get((table,)) or "its first line must name the columns: path,label[,split]"
            raise GlicoError(f"{tree.shown((table,))} is not a table of labels: {why}.")
        return by_table(tree, scan.labels, images, unreadable, column)
    labelled = _without_decisions(tree, scan, images, unreadable, groups, column)
    return replace(labelled, decisions=scan.decisions)


def _without_decisions(
    tree: Tree, scan: Scan, images: Lookup, unreadable: Unreadable, groups: str | None, column: str
) -> Labelled:
    """Return the labels of folders or tables, whichever say more. Raises GlicoError as :func:`find_labels` does."""
    certain = [candidate for candidate in scan.labels if candidate.certain]
    try:
        folders = by_folder(tree, groups is not None)
    except GlicoError as error:
        if scan.labels:
            return by_table(tree, certain or scan.labels, images, unreadable, column)
        raise GlicoError(_explained(str(error), tree, scan)) from None
    preferred = [
        candidate
        for candidate in certain
        if _is_preferred(tree, candidate, images, folders) or column in candidate.columns
    ]
    if preferred:
        return by_table(tree, preferred, images, unreadable, column)
    notes = [f"{tree.shown(candidate.path)} is not read: the folders say the classes." for candidate in scan.labels]
    notes += [f"{tree.shown(path)} is not read: {why}." for path, why in scan.ignored.items()]
    return replace(folders, notes=(*folders.notes, *notes))


def _is_preferred(tree: Tree, table: LabelTable, images: Lookup, folders: Labelled) -> bool:
    """Return whether a table says more than the folders do. Raises GlicoError if it contradicts them."""
    kind, sentence = relation(tree, table, images, folders)
    if kind == Relation.SAME:
        return bool(table.split)
    if kind == Relation.RENAMED:
        return table.is_known
    if kind == Relation.NONE or (kind == Relation.UNRELATED and not table.is_known):
        return False
    if kind == Relation.UNRELATED and all(_says_nothing(name) for name in folders.train):
        return True
    raise GlicoError(sentence)


def _says_nothing(name: str) -> bool:
    """Return whether a folder's name is a number, or says only that images are kept there: 2019, part_3."""
    return is_storage(name) or any(character.isdecimal() for character in name)


def _explained(sentence: str, tree: Tree, scan: Scan) -> str:
    """Return the reason why there are no classes, with the files that were found in place of folders and tables."""
    sentences = [f"{tree.shown(path)} is not a table of labels: {why}" for path, why in scan.ignored.items() if why]
    sheets: list[Names] = [path for path in tree.files if suffix_of(path[-1]) in SHEETS]
    sentences += [f"{tree.shown(path)} is not read as a table: save it as .csv" for path in sheets[:1]]
    if not tree.images:
        sentences += _other_kinds(tree.other_kinds)
    return f"{sentence[:-1]} ({'; '.join(sentences[:3])})." if sentences else sentence


def _other_kinds(kinds: Mapping[str, int]) -> list[str]:
    return [
        f"it has {count} {kind if count > 1 else kind.removesuffix('s')}, which are not read"
        + (f": {REMEDIES[kind]}" if kind in REMEDIES else "")
        for kind, count in kinds.items()
    ]
