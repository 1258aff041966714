/** A row with where it stands: `row 3`, `reviews.jsonl, line 4`. */
export interface PlacedRow {
  readonly row: unknown
  readonly place: string
}
