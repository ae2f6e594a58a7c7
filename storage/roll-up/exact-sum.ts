/** A sum of whole numbers that stays exact: beyond what a number can hold it goes on as a bigint. */
export class ExactSum {
  #small = 0
  #large = 0n

  add(value: number): void {
    const sum = this.#small + value
    if (Number.isSafeInteger(sum)) this.#small = sum
    else this.#large += BigInt(value)
  }

  addLarge(value: bigint): void {
    this.#large += value
  }

  /** Adds `a * b`. */
  addProduct(a: number, b: number): void {
    const product = a * b
    // a product that is rounded is never safe
    if (Number.isSafeInteger(product)) this.add(product)
    else this.#large += BigInt(a) * BigInt(b)
  }

  get total(): bigint {
    return this.#large + BigInt(this.#small)
  }
}
