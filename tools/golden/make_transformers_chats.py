"""Golden chats of Hugging Face's apply_chat_template: packages/transformers/golden/chats.json.

Templates are of the kinds that models have, written out here: each with chats, and the text that transformers makes of
them, or that it refuses.
"""

import datetime
import json

import transformers
from transformers.utils import chat_template_utils

from transformers_golden import FOLDER

CHATML = """{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"""

QWEN = """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0].role == 'system' %}
        {{- messages[0].content + '\\n\\n' }}
    {%- endif %}
    {{- "# Tools\\n\\nYou may call one or more functions.\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools><|im_end|>\\n" }}
{%- else %}
    {%- if messages[0].role == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is string %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- else %}
            {%- if '</think>' in content %}
                {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
                {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
            {%- endif %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index %}
            {%- if loop.last or (not loop.last and reasoning_content) %}
                {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
            {%- else %}
                {{- '<|im_start|>' + message.role + '\\n' + content }}
            {%- endif %}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {%- if message.tool_calls %}
            {%- for tool_call in message.tool_calls %}
                {%- if (loop.first and content) or (not loop.first) %}
                    {{- '\\n' }}
                {%- endif %}
                {%- if tool_call.function %}
                    {%- set tool_call = tool_call.function %}
                {%- endif %}
                {{- '<tool_call>\\n{"name": "' }}
                {{- tool_call.name }}
                {{- '", "arguments": ' }}
                {%- if tool_call.arguments is string %}
                    {{- tool_call.arguments }}
                {%- else %}
                    {{- tool_call.arguments | tojson }}
                {%- endif %}
                {{- '}\\n</tool_call>' }}
            {%- endfor %}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if loop.first or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|im_start|>user' }}
        {%- endif %}
        {{- '\\n<tool_response>\\n' }}
        {{- content }}
        {{- '\\n</tool_response>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}
            {{- '<|im_end|>\\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
"""

LLAMA = """{{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not tools_in_user_message is defined %}
    {%- set tools_in_user_message = true %}
{%- endif %}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}
    {{- "Environment: ipython\\n" }}
{%- endif %}
{{- "Cutting Knowledge Date: December 2023\\n" }}
{{- "Today Date: " + date_string + "\\n\\n" }}
{%- if tools is not none and not tools_in_user_message %}
    {{- "You have access to the following functions.\\n\\n" }}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
{%- endif %}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- if tools_in_user_message and not tools is none %}
    {%- if messages | length != 0 %}
        {%- set first_user_message = messages[0]['content']|trim %}
        {%- set messages = messages[1:] %}
    {%- else %}
        {{- raise_exception("Cannot put tools in the first user message when there's no first user message!") }}
{%- endif %}
    {{- '<|start_header_id|>user<|end_header_id|>\\n\\n' -}}
    {{- "Given the following functions, respond with a JSON for a function call.\\n\\n" }}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\\n\\n" }}
    {%- endfor %}
    {{- first_user_message + "<|eot_id|>"}}
{%- endif %}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("This model only supports single tool-calls at once!") }}
        {%- endif %}
        {%- set tool_call = message.tool_calls[0].function %}
        {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}
        {{- '{"name": "' + tool_call.name + '", ' }}
        {{- '"parameters": ' }}
        {{- tool_call.arguments | tojson }}
        {{- "}" }}
        {{- "<|eot_id|>" }}
    {%- elif message.role == "tool" or message.role == "ipython" %}
        {{- "<|start_header_id|>ipython<|end_header_id|>\\n\\n" }}
        {%- if message.content is mapping or message.content is iterable %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- "<|eot_id|>" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""

MISTRAL = """{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token}}{% else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}{% endfor %}"""

GEMMA = """{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}"""

GEMMA_PARTS = """{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- if messages[0]['content'] is string -%}
        {%- set first_user_prefix = messages[0]['content'] + '\n\n' -%}
    {%- else -%}
        {%- set first_user_prefix = messages[0]['content'][0]['text'] + '\n\n' -%}
    {%- endif -%}
    {%- set loop_messages = messages[1:] -%}
{%- else -%}
    {%- set first_user_prefix = "" -%}
    {%- set loop_messages = messages -%}
{%- endif -%}
{%- for message in loop_messages -%}
    {{ '<start_of_turn>' + message['role'] + '\n' + (first_user_prefix if loop.first else "") }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- elif message['content'] is iterable -%}
        {%- for item in message['content'] -%}
            {%- if item['type'] == 'image' -%}
                {{ '<start_of_image>' }}
            {%- elif item['type'] == 'text' -%}
                {{ item['text'] | trim }}
            {%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception("Invalid content type") }}
    {%- endif -%}
    {{ '<end_of_turn>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{'<start_of_turn>model\n'}}
{%- endif -%}
"""

ZEPHYR = """{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}"""

DEEPSEEK = """{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}{% set ns = namespace(is_first=false, is_tool=false, is_output_first=true, system_prompt='') %}{%- for message in messages %}{%- if message['role'] == 'system' %}{% set ns.system_prompt = message['content'] %}{%- endif %}{%- endfor %}{{bos_token}}{{ns.system_prompt}}{%- for message in messages %}{%- if message['role'] == 'user' %}{%- set ns.is_tool = false -%}{{'<｜User｜>' + message['content']}}{%- endif %}{%- if message['role'] == 'assistant' and message['content'] is none %}{%- set ns.is_tool = false -%}{%- for tool in message['tool_calls']%}{%- if not ns.is_first %}{{'<｜Assistant｜><｜tool▁calls▁begin｜>' + tool['type'] + '<｜tool▁sep｜>' + tool['function']['name']}}{%- set ns.is_first = true -%}{%- endif %}{%- endfor %}{%- endif %}{%- if message['role'] == 'assistant' and message['content'] is not none %}{% set content = message['content'] %}{% if '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}{{'<｜Assistant｜>' + content + '<｜end▁of▁sentence｜>'}}{%- endif %}{%- endfor -%}{% if add_generation_prompt and not ns.is_tool %}{{'<｜Assistant｜>'}}{% endif %}"""

DOCUMENTS = """{% for document in documents %}Document: {{ loop.index }}
{% for key, value in document.items() %}{{ key }}: {{ value | string }}
{% endfor %}{% endfor %}{% for m in messages %}{{ m.role | upper }}: {{ m.content }}
{% endfor %}"""

# Details of Python's texts, filters and methods.
DETAILS = """{%- set a = [1, 'two', none, true, {'k': "it's"}, [], ('x', 2), 1.0, 0.5, 1000000.0 * 10000000000000.0] -%}
{{ a }}|{{ true }}|{{ none }}|{{ 1.0 }}|{{ missing }}|{{ a ~ 1 }}|{{ 'a' ~ true ~ none ~ 2.0 }}
{{ a | tojson }}|{{ a | tojson(indent=2) }}
{{ {'b': 'é日🙂\\n"', 'a': [{}]} | tojson }}|{{ {'b': 'é日🙂\x7f', 'a': {}} | tojson(ensure_ascii=true, sort_keys=true) }}
{{ {'b': [1, 2], 'a': 1} | tojson(separators=(',', ':')) }}|{{ [1, [2]] | tojson(indent=1, separators=(';', '=')) }}
{{ '1' == 1 }}|{{ none == missing }}|{{ [] == [] }}|{{ {'a': [1]} == {'a': [1.0]} }}|{{ 1 == true }}|{{ [1] in [[1]] }}|{{ 'a' not in ['b'] }}
{{ '  x\\n' | trim }}|{{ 'xxaxx'.strip('x') }}|{{ 'aab'.lstrip('a') }}|{{ 'baa'.rstrip('a') }}|{{ 'hELLO wORLD'.capitalize() }}|{{ 'hELLO' | capitalize }}
{{ 'aXbXc'.replace('X', '--', 1) }}|{{ 'abc'.replace('', '.') }}|{{ 'abc' | replace('b', '') }}|{{ ', '.join(['a', 'b']) }}|{{ [1, none, true] | join('-') }}
{{ 'a\\nb\\n\\nc' | indent }}|{{ 'a\\nb' | indent(2, true) }}|{{ '🙂日' | length }}|{{ 'abc'.find('c') }}|{{ 'a\\nb'.splitlines() }}|{{ 'x1'.isdigit() }}
{{ 7 // 2 }}|{{ -7 // 2 }}|{{ 7 / 2 }}|{{ 2 ** 3 }}|{{ range(3) | list }}|{{ range(5, 0, -2) | list }}|{{ 'abc'[::-1] }}|{{ 'abc'[-1] }}|{{ [1, 2, 3][1:] }}
{% set ns = namespace(found=false) %}{% for m in messages if m.role == 'user' %}{% set ns.found = true %}{{ loop.index }}{{ loop.last }}{% else %}none{% endfor %}{{ ns.found }}
{% macro tag(name, extra='!') %}<{{ name }}{{ extra }}>{% endmacro %}{{ tag('a') }}{{ tag('b', extra='?') }}{{ dict(a=1) if false else 'no' }}
{% filter upper %}abc{% endfilter %}|{{ messages | map(attribute='role') | join(',') }}|{{ messages | selectattr('role', 'equalto', 'user') | list | length }}|{{ 'x' if messages is iterable }}|{{ {'a': 1} is iterable }}
{{ strftime_now('%d %B %Y, %H:%M') }}|{{ strftime_now('%A %a %b %j %y %I%p') }}|{{ messages[0].content | default('none') }}|{{ (missing | default('d')) }}|{{ 'a' in {'a': 1} }}|{{ {'x': 1}.items() | list | length }}|{{ {'x': 1}.get('y', 2) }}
{% generation %}made{% endgeneration %}|{{ 'it\\'s "x"' }}|{{ ["it's", 'say "x"', "both ' and \\""] }}
"""

TOOLS = [{"type": "function", "function": {"name": "get_weather", "description": "Gets the weather: «°C» & <more>", "parameters": {
    "type": "object", "properties": {"city": {"type": "string", "enum": ["Zürich", "東京"]}, "days": {"type": "integer", "default": 1}, "exact": {"type": "number", "default": 0.25}}, "required": ["city"]}}}]
SYSTEM = {"role": "system", "content": " You are helpful.\n"}
USER = {"role": "user", "content": "Hi there, 日本 🙂!  "}
ANSWER = {"role": "assistant", "content": "<think>\nHm.\n</think>\n\nHello. "}
AGAIN = {"role": "user", "content": "\nAnd now?"}
CALL = {"role": "assistant", "content": None, "tool_calls": [{"type": "function", "function": {"name": "get_weather", "arguments": {"city": "Zürich", "days": 2, "ok": True, "x": None}}}]}
RESULT = {"role": "tool", "name": "get_weather", "content": '{"celsius": 21.5}'}
PARTS = {"role": "user", "content": [{"type": "image", "url": "x.png"}, {"type": "text", "text": " What is this? "}]}
THINKS = {"role": "assistant", "content": "Four.", "reasoning_content": "\n2 + 2\n"}
CHATS = {
    "short": [USER], "system": [SYSTEM, USER], "turns": [USER, ANSWER, AGAIN], "system turns": [SYSTEM, USER, ANSWER, AGAIN],
    "call": [SYSTEM, USER, CALL, RESULT], "parts": [SYSTEM, PARTS], "answered": [USER, ANSWER], "thinks": [USER, THINKS],
    "answered parts": [USER, {"role": "assistant", "content": [{"type": "text", "text": "It is"}]}],
    "odd": [USER, USER],
}
SPECIAL = {"bos_token": "<s>", "eos_token": "</s>"}
NOW = datetime.datetime(2025, 3, 7, 15, 4, 5)


class Frozen(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


chat_template_utils.datetime = Frozen


def tokenizer():
    from tokenizers import Tokenizer, models

    made = transformers.PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()), **SPECIAL)
    return made


T = tokenizer()
TEMPLATES = {
    "chatml": CHATML, "qwen": QWEN, "llama": LLAMA, "mistral": MISTRAL, "gemma": GEMMA, "gemma parts": GEMMA_PARTS,
    "zephyr": ZEPHYR, "deepseek": DEEPSEEK, "documents": DOCUMENTS, "details": DETAILS,
}
VARIANTS = [
    {}, {"add_generation_prompt": True}, {"tools": TOOLS, "add_generation_prompt": True},
    {"continue_final_message": True},
]
EXTRA = {
    "qwen": [{"enable_thinking": False, "add_generation_prompt": True}, {"continue_final_message": "reasoning_content"}],
    "llama": [{"tools": TOOLS, "tools_in_user_message": False}, {"date_string": "1 Jan 2020"}],
    "documents": [{"documents": [{"title": "A", "text": "b c"}, {"title": "é", "score": 0.5, "ok": True, "none": None}]}],
}

cases = []
for name, template in TEMPLATES.items():
    for chat, messages in CHATS.items():
        for options in VARIANTS + EXTRA.get(name, []):
            if name == "documents" and "documents" not in options:
                continue
            if name == "details" and (options or chat not in ("short", "turns")):
                continue
            try:
                text = T.apply_chat_template(messages, chat_template=template, tokenize=False, **options)
                cases.append({"template": name, "chat": chat, "options": options, "text": text})
            except Exception as error:
                cases.append({"template": name, "chat": chat, "options": options, "refused": type(error).__name__, "message": str(error)[:80]})

path = FOLDER / "chats.json"
path.write_text(json.dumps({
    "transformers": transformers.__version__, "now": [2025, 3, 7, 15, 4, 5], "special": SPECIAL, "templates": TEMPLATES, "chats": CHATS, "cases": cases,
}, ensure_ascii=False) + "\n")
print(f"chats: {len(cases)} cases, {sum('refused' in c for c in cases)} refused, {path.stat().st_size / 1000:.0f} kB")
for c in cases:
    if "refused" in c and c["template"] not in ("mistral", "gemma", "gemma parts"):
        print(c["template"], c["chat"], list(c["options"]), c["refused"], c["message"])
