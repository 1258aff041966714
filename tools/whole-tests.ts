/** Whether tests run in their whole form, with what takes minutes: `TYPEGRAD_ALL=1 npm run unit`. */
export const isWhole = process.env.TYPEGRAD_ALL === '1'
