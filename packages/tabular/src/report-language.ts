/** Languages that a report is written in. */
export type ReportLanguage = 'en' | 'zh'
