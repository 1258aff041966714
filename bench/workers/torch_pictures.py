"""Pictures from files by torchvision's transforms in the worker processes of a DataLoader."""

import os

from PIL import Image
from torch.utils.data import DataLoader, Dataset


class Pictures(Dataset):
    def __init__(self, folder, side):
        from torchvision import transforms

        self.files = [
            os.path.join(above, name) for above, _, names in sorted(os.walk(folder)) for name in sorted(names)
        ]
        self.transform = transforms.Compose([
            transforms.Resize((side, side)),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
        ])

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        with Image.open(self.files[i]) as picture:
            return self.transform(picture.convert("RGB"))


class Feeding:
    def __init__(self, workload, folder):
        params = workload["params"]
        # Workers that stay from epoch to epoch, as those of typegrad do.
        self.loader = DataLoader(
            Pictures(os.path.join(folder, "pictures"), params["side"]),
            batch_size=params["batch"],
            shuffle=True,
            num_workers=params["workers"],
            persistent_workers=True,
        )

    def run(self):
        return sum(len(images) for images in self.loader)

    def losses(self):
        return [self.run()]
