"""What a room without internet needs on a stick: wheels, models, installers, checksums; and whether it is whole."""
