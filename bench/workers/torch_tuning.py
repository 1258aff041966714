"""Fine-tuning by Hugging Face's transformers and PEFT: all weights, LoRA, or LoRA over bitsandbytes' 4 bits; and what a
training of texts reads."""

import json
import os

import numpy as np
import torch

from wire import Absent


def base_model(folder, method):
    try:
        import transformers
    except ImportError:
        raise Absent("transformers is not installed") from None
    options = {"dtype": torch.float32}
    if method == "qlora":
        try:
            import bitsandbytes  # noqa: F401
        except ImportError:
            raise Absent("bitsandbytes, which PEFT's weights of 4 bits need, is not installed") from None
        options["quantization_config"] = transformers.BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.float32
        )
    config = transformers.AutoConfig.from_pretrained(folder)
    return getattr(transformers, config.architectures[0]).from_pretrained(folder, **options)


def adapted(model, method, folder):
    if method == "full":
        return model
    try:
        import peft
    except ImportError:
        raise Absent("peft is not installed") from None
    if method == "qlora":
        model = peft.prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    return peft.PeftModel.from_pretrained(model, folder, is_trainable=True)


class Tuning:
    """A step as a loop of one's own has it: forward with labels, backward, clipping, fused AdamW."""

    def __init__(self, workload, data, folder, compiled):
        method, params = workload["method"], workload["params"]
        if compiled and method == "qlora":
            raise Absent("its products of 4 bits are not compiled")
        model = adapted(base_model(os.path.join(folder, "model"), method), method, os.path.join(folder, "adapter"))
        model.config.use_cache = False
        if params.get("recompute") == 1:
            model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        model.train()
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(self.parameters, lr=1e-4, weight_decay=0.01, eps=1e-10, fused=True)
        self.forward = torch.compile(model) if compiled else model
        whole = lambda x: torch.from_numpy(x.astype(np.int64))
        self.x = [whole(x) for x in data["x"]]
        self.y = [whole(y) for y in data["y"]] if "y" in data else self.x
        self.next = 0
        # What a tokenizer gives beside the ids, of texts that are all as long.
        self.beside = {"attention_mask": torch.ones_like(self.x[0])}
        if model.config.model_type == "bert":
            self.beside["token_type_ids"] = torch.zeros_like(self.x[0])
        if method == "qlora":
            self.note = "NF4, which rounds otherwise"

    def run(self):
        i = self.next % len(self.x)
        self.next += 1
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.forward(input_ids=self.x[i], **self.beside, labels=self.y[i]).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        return loss

    def losses(self):
        return [self.run().item() for _ in range(5)]


class Tokens:
    """Rust's tokenizers in batches, joined and cut into rows, by a DataLoader that mixes them."""

    def __init__(self, workload, folder, compiled):
        if compiled:
            raise Absent("nothing to compile")
        try:
            from transformers import AutoTokenizer
        except ImportError:
            raise Absent("transformers is not installed") from None
        self.tokenizer = AutoTokenizer.from_pretrained(os.path.join(folder, "model"))
        self.params = workload["params"]
        with open(os.path.join(folder, "sentences.json")) as file:
            self.texts = json.load(file)

    def run(self):
        from torch.utils.data import DataLoader

        steps, ids = self.params["steps"], []
        for at in range(0, len(self.texts), 1000):
            for one in self.tokenizer(self.texts[at : at + 1000])["input_ids"]:
                ids.extend(one)
        joined = torch.tensor(ids)
        rows = [joined[i : i + steps + 1] for i in range(0, len(joined) - steps, steps)]
        return sum(1 for _ in DataLoader(rows, batch_size=self.params["batch"], shuffle=True, drop_last=True))

    def losses(self):
        return [self.run()]
