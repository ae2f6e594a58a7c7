/** A number with the decimal comma of Vietnamese; anything else as it is. */
export const withComma = (said: string | number): string => String(said).replace(/^(-?\d+)\.(\d+)$/, '$1,$2')
