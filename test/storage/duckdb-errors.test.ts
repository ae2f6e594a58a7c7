import { describe, expect, it } from 'vitest'
import { batchFault, isFatal, storeFault } from '#storage/duckdb/errors.ts'
import { StoreRejectedError, StoreUnavailableError } from '#telemetry/errors.ts'

describe('a fault of DuckDB', () => {
  it.each([
    ['IO Error: Could not write file: No space left on device', StoreUnavailableError, StoreUnavailableError, true],
    ['FATAL Error: Failed: database has been invalidated', StoreUnavailableError, StoreUnavailableError, true],
    ['INTERNAL Error: Attempted to access index 3', StoreUnavailableError, StoreRejectedError, true],
    ['Out of Memory Error: failed to allocate', StoreUnavailableError, StoreUnavailableError, false],
    ['TransactionContext Error: Failed to commit', StoreUnavailableError, StoreUnavailableError, false],
    ['INTERRUPT Error: Interrupted!', StoreUnavailableError, StoreUnavailableError, false],
    ['Failed to connect', StoreUnavailableError, StoreUnavailableError, false],
    ['Conversion Error: Could not convert', StoreRejectedError, StoreRejectedError, false],
    ['Constraint Error: NOT NULL constraint failed', StoreRejectedError, StoreRejectedError, false],
    ['Invalid Input Error: it is not', StoreRejectedError, StoreRejectedError, false],
  ])('%s', (message, fault, ofBatch, fatal) => {
    const error = new Error(message)
    expect(storeFault(error)).toBeInstanceOf(fault)
    expect(batchFault(error)).toBeInstanceOf(ofBatch)
    expect(isFatal(error)).toBe(fatal)
  })
})

describe('a fault that is none of DuckDB', () => {
  it.each([
    new TypeError('x is not a function'),
    new RangeError('IO Error: too deep'),
    new Error('Failed to set column 3 (DOUBLE)', { cause: new TypeError('no number') }),
    new StoreUnavailableError('the store is closed'),
    'a word',
  ])('stays what it is: %s', (error) => {
    expect([storeFault(error), batchFault(error), isFatal(error)]).toEqual([error, error, false])
    expect(storeFault(error)).toBe(error)
  })
})
