export { Bidirectional, type BidirectionalOptions, bidirectional, type MergeMode } from './bidirectional.ts'
export {
  ConvLSTM1D,
  ConvLSTM2D,
  ConvLSTM3D,
  type ConvLSTMOptions,
  convLSTM1d,
  convLSTM2d,
  convLSTM3d,
} from './conv-lstm.ts'
export { ConvLSTMCell, type ConvLSTMCellOptions, convLSTMCell } from './conv-lstm-cell.ts'
export { GRU, type GRUOptions, gru } from './gru.ts'
export { GRUCell, type GRUCellOptions, gruCell } from './gru-cell.ts'
export { LSTM, type LSTMOptions, lstm } from './lstm.ts'
export { LSTMCell, type LSTMCellOptions, lstmCell } from './lstm-cell.ts'
export { type RecurrentContext, type RecurrentOptions, RNN, type RNNOptions, rnn } from './rnn.ts'
export { SimpleRNN, type SimpleRNNOptions, simpleRNN } from './simple-rnn.ts'
export { SimpleRNNCell, type SimpleRNNCellOptions, simpleRNNCell } from './simple-rnn-cell.ts'
export { StackedRNNCells, type StackedRNNCellsOptions, stackedRNNCells } from './stacked-rnn-cells.ts'
export { TimeDistributed, type TimeDistributedOptions, timeDistributed } from './time-distributed.ts'
