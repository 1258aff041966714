import { type FileMetaData, parquetSchema, type SchemaElement, type SchemaTree } from 'hyparquet'
import { featuresOfHuggingFace } from './arrow-features.ts'
import { type Feature, type Features, feature } from './feature.ts'

/** Features of a Parquet file: those of Hugging Face's metadata, or what its schema says. */
export function featuresOfParquet(metadata: FileMetaData, where: string): Features {
  const told = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value
  const features = told === undefined ? undefined : featuresOfHuggingFace(told, where)
  return features ?? ofChildren(parquetSchema(metadata).children)
}

const ofChildren = (children: readonly SchemaTree[]): Features =>
  Object.fromEntries(children.map((child) => [child.element.name, ofNode(child)]))

/** Lists are groups around a repeated group: https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists. */
function ofNode({ element, children }: SchemaTree): Feature {
  const isRepeated = element.repetition_type === 'REPEATED'
  if (isRepeated && children.length === 0) return feature.list(ofLeaf(element))
  if (children.length === 0) return ofLeaf(element)
  if (element.converted_type === 'LIST' || element.logical_type?.type === 'LIST') {
    const repeated = children[0] as SchemaTree
    // The repeated group has the item as its only child, or is the item.
    const [item] = repeated.children
    return feature.list(
      item !== undefined && repeated.children.length === 1
        ? ofNode(item)
        : repeated.children.length > 1
          ? feature.struct(ofChildren(repeated.children))
          : ofLeaf(repeated.element),
    )
  }
  const struct = feature.struct(ofChildren(children))
  return isRepeated ? feature.list(struct) : struct
}

const timeUnits = { MILLIS: 'ms', MICROS: 'us', NANOS: 'ns' } as const

function ofLeaf({ type, converted_type: converted, logical_type: logical, precision, scale }: SchemaElement) {
  const dtype = (): string => {
    switch (logical?.type) {
      case 'STRING':
      case 'ENUM':
      case 'JSON':
      case 'UUID':
        return 'string'
      case 'DATE':
        return 'date32'
      case 'FLOAT16':
        return 'float16'
      case 'DECIMAL':
        return `decimal128(${logical.precision}, ${logical.scale})`
      case 'TIME':
        return `time${logical.unit === 'MILLIS' ? 32 : 64}[${timeUnits[logical.unit]}]`
      case 'TIMESTAMP':
        return `timestamp[${timeUnits[logical.unit]}${logical.isAdjustedToUTC ? ', tz=UTC' : ''}]`
      case 'INTEGER':
        return `${logical.isSigned ? '' : 'u'}int${logical.bitWidth}`
      case 'NULL':
        return 'null'
    }
    switch (converted) {
      case 'UTF8':
      case 'ENUM':
      case 'JSON':
        return 'string'
      case 'DECIMAL':
        return `decimal128(${precision}, ${scale})`
      case 'DATE':
        return 'date32'
      case 'TIMESTAMP_MILLIS':
        return 'timestamp[ms]'
      case 'TIMESTAMP_MICROS':
        return 'timestamp[us]'
      case 'TIME_MILLIS':
        return 'time32[ms]'
      case 'TIME_MICROS':
        return 'time64[us]'
    }
    const whole = /^(U?)INT_(\d+)$/.exec(converted ?? '')
    if (whole !== null) return `${whole[1] === 'U' ? 'u' : ''}int${whole[2]}`
    switch (type) {
      case 'BOOLEAN':
        return 'bool'
      case 'INT32':
        return 'int32'
      case 'INT64':
        return 'int64'
      case 'INT96':
        return 'timestamp[ns]'
      case 'FLOAT':
        return 'float32'
      case 'DOUBLE':
        return 'float64'
      default:
        return 'binary'
    }
  }
  return feature.value(dtype())
}
