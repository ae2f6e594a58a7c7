/**
 * A figure as it is given: with so many digits after the decimal point, and no more, wherever it is shown. Halves go away from zero, as
 * one rounds by hand: of the decimal number that is written, not of the binary one that is stored (1.9625 gives 1.963).
 */
export function rounded(value: number, digits: number): number {
  const [mantissa = '0', exponent = '0'] = Math.abs(value).toString().split('e')
  const shifted = Math.round(Number(`${mantissa}e${Number(exponent) + digits}`))
  if (shifted > Number.MAX_SAFE_INTEGER) return value // it has no such digits
  const size = Number(`${shifted}e-${digits}`)
  return value < 0 && size !== 0 ? -size : size
}
