import { describeEncoderAsInPython } from '../testing/encoders.ts'

describeEncoderAsInPython('distilbert')
