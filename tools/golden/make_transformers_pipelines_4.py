"""Golden values of pipelines that transformers 5 no longer has, from release 4.57: packages/transformers/golden/pipelines-4.json."""

from transformers import BertConfig, BertForQuestionAnswering, T5Config, T5ForConditionalGeneration, pipeline

from transformers_pipelines import described, files, word_tokenizer, write

CONTEXT = (
    "Anna lives in a small house near the old bridge. She works for the Acme company in Berlin, and Bob works with "
    "her. Years in the city were good, and they lived under the mountain near the river and the sea."
)


def main() -> None:
    tokenizer = word_tokenizer()
    reader = BertForQuestionAnswering(BertConfig(
        vocab_size=len(tokenizer), hidden_size=24, num_hidden_layers=1, num_attention_heads=3, intermediate_size=40,
        max_position_embeddings=48, type_vocab_size=2, attn_implementation="eager",
    ))
    out = {"tokenizer": files(tokenizer), "models": {"reader": described(reader)}}
    answer = pipeline("question-answering", model=reader, tokenizer=tokenizer)
    questions = ["Where is Anna?", "Who works in Berlin?"]
    short = "Anna works in Berlin. Bob lived near the mountain."
    out["question-answering"] = {
        "context": CONTEXT, "short": short, "questions": questions,
        "best": [answer(question=question, context=short) for question in questions],
        "several": [answer(question=question, context=short, top_k=4) for question in questions],
        "long": [answer(question=q, context=CONTEXT, max_seq_len=24, doc_stride=8, top_k=3) for q in questions],
        "letters": [answer(question=q, context=short, align_to_words=False, top_k=3) for q in questions],
        "none": [answer(question=q, context=short, handle_impossible_answer=True, top_k=3) for q in questions],
    }

    writer = T5ForConditionalGeneration(T5Config(
        vocab_size=len(tokenizer), d_model=24, d_kv=8, d_ff=40, num_layers=1, num_decoder_layers=1, num_heads=3,
        relative_attention_num_buckets=8, relative_attention_max_distance=20, pad_token_id=0, eos_token_id=3,
        decoder_start_token_id=0,
        task_specific_params={
            "summarization": {"prefix": "about : ", "max_length": 14, "num_beams": 3, "early_stopping": True, "length_penalty": 2.0},
            "translation_en_to_de": {"prefix": "work to the city : ", "max_length": 16},
        },
    ))
    out["models"]["writer"] = described(writer)
    texts = ["The film is great!", "Anna lives in a small house near the old bridge."]
    summarize = pipeline("summarization", model=writer, tokenizer=tokenizer)
    translate = pipeline("translation_en_to_de", model=writer, tokenizer=tokenizer)
    out["texts"] = texts
    out["summarization"] = [entry["summary_text"] for entry in summarize(texts, max_new_tokens=12)]
    out["translation"] = [entry["translation_text"] for entry in translate(texts, num_beams=1, max_new_tokens=12)]
    write("pipelines-4", out)


main()
