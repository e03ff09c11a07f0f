"""What everything else stands on: languages, language identification, segmentation, numbers, journals, storage."""
