"""Golden values of Whisper from Hugging Face transformers: packages/transformers/golden/whisper.json."""

from transformers import WhisperConfig, WhisperForConditionalGeneration

from transformers_golden import Hashed, dump

config = WhisperConfig(
    vocab_size=41, num_mel_bins=8, encoder_layers=2, decoder_layers=2, encoder_attention_heads=3,
    decoder_attention_heads=3, encoder_ffn_dim=40, decoder_ffn_dim=36, d_model=24, max_source_positions=11,
    max_target_positions=16, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=3,
    begin_suppress_tokens=None, attn_implementation="eager",
)
dump(
    "whisper", WhisperForConditionalGeneration(config),
    [
        {"input_features": Hashed("two sounds", 2, 8, 22), "decoder_input_ids": [[3, 17, 8, 20, 9, 5], [3, 4, 40, 11, 30, 7]]},
        {"input_features": Hashed("a sound", 1, 8, 22), "decoder_input_ids": [[3]]},
    ],
    use_cache=False,
)
