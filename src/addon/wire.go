package gatectladdon

import (
	"encoding/binary"
	"errors"
	"strings"
)

// Protobuf is encoded by hand: the messages of docs/reference/protocol.md have few fields, and generated code would add
// a dependency whose version must match the project's.

const (
	wireVarint = 0
	wireFixed8 = 1
	wireBytes  = 2
	wireFixed4 = 5
)

func appendVarint(to []byte, value uint64) []byte {
	var buffer [binary.MaxVarintLen64]byte
	return append(to, buffer[:binary.PutUvarint(buffer[:], value)]...)
}

// appendNumber omits zero, as proto3 does.
func appendNumber(to []byte, field int, value int64) []byte {
	if value <= 0 {
		return to
	}
	return appendVarint(appendVarint(to, uint64(field)<<3|wireVarint), uint64(value))
}

// appendBytes also writes an empty field, because it can be an element of a repeated field.
func appendBytes(to []byte, field int, value []byte) []byte {
	to = appendVarint(appendVarint(to, uint64(field)<<3|wireBytes), uint64(len(value)))
	return append(to, value...)
}

// appendText omits an empty string and replaces invalid UTF-8, because readers would reject the whole message.
func appendText(to []byte, field int, value string) []byte {
	if value == "" {
		return to
	}
	value = strings.ToValidUTF8(value, "\uFFFD") // returns the same string if it is valid
	to = appendVarint(appendVarint(to, uint64(field)<<3|wireBytes), uint64(len(value)))
	return append(to, value...)
}

// appendSetting writes a map entry of the settings as mqant does, with both fields even if empty.
func appendSetting(to []byte, key, value string) []byte {
	key, value = strings.ToValidUTF8(key, "\uFFFD"), strings.ToValidUTF8(value, "\uFFFD")
	to = appendVarint(to, fieldSettings<<3|wireBytes)
	to = appendVarint(to, uint64(2+varintSize(len(key))+len(key)+varintSize(len(value))+len(value)))
	to = append(appendVarint(append(to, 1<<3|wireBytes), uint64(len(key))), key...)
	return append(appendVarint(append(to, 2<<3|wireBytes), uint64(len(value))), value...)
}

func varintSize(value int) int {
	size := 1
	for ; value >= 0x80; value >>= 7 {
		size++
	}
	return size
}

var errTruncated = errors.New("truncated protobuf")

// eachField calls `call` for every field of a message; `value` is set for varints, `data` for length-delimited fields.
func eachField(message []byte, call func(field int, value uint64, data []byte) error) error {
	for len(message) > 0 {
		key, size := binary.Uvarint(message)
		if size <= 0 {
			return errTruncated
		}
		message = message[size:]
		var value uint64
		var data []byte
		switch key & 7 {
		case wireVarint:
			value, size = binary.Uvarint(message)
			if size <= 0 {
				return errTruncated
			}
			message = message[size:]
		case wireBytes:
			length, size := binary.Uvarint(message)
			if size <= 0 || length > uint64(len(message)-size) {
				return errTruncated
			}
			data = message[size : size+int(length)]
			message = message[size+int(length):]
		case wireFixed8, wireFixed4:
			size = 8
			if key&7 == wireFixed4 {
				size = 4
			}
			if len(message) < size {
				return errTruncated
			}
			message = message[size:]
		default:
			return errTruncated
		}
		if err := call(int(key>>3), value, data); err != nil {
			return err
		}
	}
	return nil
}

// Fields of mqant's session (gate/base/session.proto, the same from v1.2.0 to v1.5.3).
const (
	fieldIP        = 1
	fieldNetwork   = 2
	fieldUserID    = 3
	fieldSessionID = 4
	fieldServerID  = 5
	fieldTraceID   = 6
	fieldSpanID    = 7
	fieldSettings  = 8
	fieldTopic     = 10
)

// isBound reports whether an encoded session has a user id.
func isBound(session []byte) bool { return len(fieldOf(session, fieldUserID)) > 0 }

// userIDOf returns the user id of an encoded session.
func userIDOf(session []byte) string { return textOf(session, fieldUserID) }

func sessionIDOf(session []byte) string { return textOf(session, fieldSessionID) }

func textOf(message []byte, wanted int) string { return string(fieldOf(message, wanted)) }

// fieldOf returns a slice of the message, not a copy. If the field is repeated, the last one counts, as protobuf
// requires.
func fieldOf(message []byte, wanted int) (found []byte) {
	_ = eachField(message, func(field int, _ uint64, data []byte) error {
		if field == wanted {
			found = data
		}
		return nil
	})
	return found
}

// settingsOf decodes the settings of an encoded session.
func settingsOf(session []byte) map[string]string {
	settings := map[string]string{}
	_ = eachField(session, func(field int, _ uint64, data []byte) error {
		if field != fieldSettings {
			return nil
		}
		var key, value string
		err := eachField(data, func(field int, _ uint64, data []byte) error {
			if field == 1 {
				key = string(data)
			} else if field == 2 {
				value = string(data)
			}
			return nil
		})
		settings[key] = value
		return err
	})
	return settings
}

// changedKeys returns the keys of settings that differ between two encoded sessions.
func changedKeys(before, after []byte) []string {
	var keys []string
	old, now := settingsOf(before), settingsOf(after)
	for key, value := range now {
		if was, ok := old[key]; !ok || was != value {
			keys = append(keys, key)
		}
	}
	for key := range old {
		if _, ok := now[key]; !ok {
			keys = append(keys, key)
		}
	}
	return keys
}
