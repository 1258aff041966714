"""Golden values of wav2vec 2.0 from Hugging Face transformers: packages/transformers/golden/wav2vec2*.json."""

from transformers import Wav2Vec2Config, Wav2Vec2ForCTC

from transformers_golden import Hashed, dump

sizes = dict(
    vocab_size=13, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40,
    conv_dim=[10, 12, 12], conv_stride=[5, 2, 2], conv_kernel=[10, 3, 2], num_feat_extract_layers=3,
    num_conv_pos_embeddings=6, num_conv_pos_embedding_groups=4, attn_implementation="eager",
)
sound = Hashed("two sounds", 2, 200)
whole = {"input_values": sound}
# The first sound is shorter than the second.
padded = {"input_values": sound, "attention_mask": [[1] * 131 + [0] * 69, [1] * 200]}
dump("wav2vec2-group", Wav2Vec2ForCTC(Wav2Vec2Config(**sizes)), [whole, padded])
sizes = {**sizes, "num_conv_pos_embeddings": 5, "mask_time_prob": 0.0}
dump(
    "wav2vec2-layer",
    Wav2Vec2ForCTC(Wav2Vec2Config(**sizes, feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True)),
    [whole, padded],
)
