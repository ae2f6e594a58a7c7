/** Minutes one may choose from; anything else is a moment. */
export const shelfMinutes = [15, 60, 480] as const
