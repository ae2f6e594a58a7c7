import type { FaultWords } from './fault-table.ts'
import type { historyFaults } from './history-faults.ts'

const list = (names: readonly string[]) => names.join(', ')
const some = ({ ids, more }: { ids: readonly string[]; more: number }) =>
  list(ids) + (more > 0 ? ` và ${more} mã khác` : '')
const count = (number: number) => number.toLocaleString('vi-VN')
const nouns = { district: 'khu vực', ward: 'phường', road: 'đường', tag: 'nhãn' } as const

/** Why a question about the past is not answered, in Vietnamese. */
export const historyWordsVi: FaultWords<typeof historyFaults> = {
  KIND_OR_SENSORS_NEEDED: ({ kinds }) => `hãy nêu cảm biến, hoặc một loại: ${list(kinds)}`,
  SENSORS_OF_SEVERAL_KINDS: ({ kinds }) =>
    `các cảm biến này thuộc nhiều loại (${list(kinds)}): hãy hỏi riêng từng loại`,
  SENSORS_OF_OTHER_KIND: ({ kind, ...sensors }) =>
    `${some(sensors)} không thuộc loại ${kind}; hãy nêu cảm biến khác, hoặc bỏ kind`,
  NO_SUCH_GROUPS: ({ by, known, ...groups }) =>
    `không có ${nouns[by]} ${some(groups)}; ` +
    (known.length > 0 ? `chỉ có ${list(known)}` : `không cảm biến nào có ${nouns[by]}`),
  VALUE_OF_OTHER_KIND: ({ name, kind, others, values }) =>
    `${name} là đại lượng của ${list(others)}: hãy hỏi với kind=${others[0] ?? ''}; loại ${kind} có ${list(values)}`,
  NO_FIGURES_OF_WORDS: ({ name, values }) =>
    `${name} là chữ, không tính thành số được: hãy đọc bằng GET /api/v1/sensors/{id}/history?window=raw; số liệu chỉ tính cho ${list(values)}`,
  NOT_A_COUNTER: ({ name, counters }) =>
    `increase dành cho số đếm tăng dần, mà ${name} không phải; ` +
    (counters.length > 0 ? `chỉ có ${list(counters)}` : 'hãy hỏi sum hoặc mean'),
  LIMIT_NEEDED: () => 'shareAbove cần limit, theo đơn vị của đại lượng',
  LIMIT_OF_SHARE_ABOVE: () => 'limit chỉ dùng cho shareAbove: hãy thêm shareAbove vào functions, hoặc bỏ limit',
  LIMIT_OF_ONE_VALUE: () => 'limit chỉ dùng cho một đại lượng: hãy hỏi shareAbove của từng đại lượng',
  WINDOW_OR_POINTS: () => 'chỉ ghi window hoặc points, không ghi cả hai',
  PROFILE_HAS_NO_WINDOW: () => 'profile cho một số mỗi giờ của mỗi ngày trong tuần: hãy bỏ window và points',
  NO_PERCENTILES_IN_PROFILE: ({ functions }) =>
    `profile không có ${list(functions)}: hãy hỏi mean, min hoặc max, hay hỏi phân vị với window=1h`,
  SPAN_NOT_BEGUN: () => 'khoảng thời gian này chưa bắt đầu: from phải ở quá khứ',
  TOO_MANY_SERIES: ({ series, most }) =>
    `sẽ có ${count(series)} chuỗi số liệu, mà một câu trả lời chỉ có nhiều nhất ${count(most)}: hãy gộp bằng groupBy khác, hỏi ít cảm biến hay đại lượng hơn, hoặc nếu là chương trình thì nhận từng dòng JSON (Accept: application/x-ndjson)`,
  TOO_MANY_FIGURES: ({ figures, most, window }) =>
    `sẽ có ${count(figures)} số liệu, mà một câu trả lời chỉ có nhiều nhất ${count(most)}: ` +
    (window === undefined ? 'hãy hỏi ít chuỗi hơn, hoặc khoảng thời gian ngắn hơn' : `hỏi được với window=${window}`),
  TOO_MANY_READINGS_ASKED: ({ readings, most, window, days }) =>
    `phải đọc ${count(readings)} số đo, mà một câu hỏi chỉ được đọc ${count(most)}: ` +
    (window !== undefined
      ? `hỏi được với window=${window}`
      : days !== undefined
        ? `hỏi được trong khoảng ${count(days)} ngày`
        : 'hãy hỏi ít cảm biến hơn, hoặc khoảng thời gian ngắn hơn'),
}
