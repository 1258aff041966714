/** What messages are about, in the order of the model's outputs. */
export const classes = ['billing', 'delivery', 'technical']
