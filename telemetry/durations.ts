/** ms of a minute */
export const minuteMs = 60_000
/** ms of an hour */
export const hourMs = 60 * minuteMs
/** ms of a day of 24 hours; a day of the city's clock may be shorter or longer, see clock-hours.ts */
export const dayMs = 24 * hourMs
