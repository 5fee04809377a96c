"""Effects of augmentation that keep times and length: functions of audio; `augment` draws when they apply."""
