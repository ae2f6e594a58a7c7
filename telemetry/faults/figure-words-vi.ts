import type { FaultWords } from './fault-table.ts'
import type { figureFaults } from './figure-faults.ts'

const count = (number: number) => number.toLocaleString('vi-VN')

/** Why official figures are not given, in Vietnamese. */
export const figureWordsVi: FaultWords<typeof figureFaults> = {
  SUN_EDGES_LOOK_AT_TOO_MUCH: ({ readings, most }) =>
    `phải đọc ${count(readings)} số đo, mà một câu hỏi chỉ được đọc ${count(most)}: hỏi được với edges=hours (đêm và ngày tính theo giờ tròn)`,
  FIGURES_OF_OTHER_KIND: ({ kind, ids, more }) =>
    `số liệu này chỉ tính cho cảm biến loại ${kind}: hãy bỏ ${ids.join(', ')}${more > 0 ? ` và ${count(more)} cảm biến khác` : ''}`,
  FIGURES_OF_MORE_DAYS: ({ days }) => `chỉ tính cho tối đa ${count(days)} ngày: hãy chọn khoảng ngắn hơn`,
}
