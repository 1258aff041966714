/** What tables are written as. */
export const tableEndings: readonly string[] = ['.csv', '.tsv', '.parquet', '.json', '.jsonl']
