package reservation

import (
	"fmt"
	"strconv"
	"strings"
)

// Keys in the bucket: id.<cluster>.<vmid> and name.<cluster>.<name>.

func idKey(cluster string, id int) string {
	return idPrefix(cluster) + strconv.Itoa(id)
}

func idPrefix(cluster string) string { return "id." + escape(cluster) + "." }

// parseIDKey is the inverse of idKey for one cluster.
func parseIDKey(cluster, key string) (id int, ok bool) {
	digits, ok := strings.CutPrefix(key, idPrefix(cluster))
	if !ok {
		return 0, false
	}
	id, err := strconv.Atoi(digits)
	return id, err == nil
}

func nameKey(cluster, name string) string {
	return namePrefix(cluster) + escape(strings.ToLower(name))
}

func namePrefix(cluster string) string { return "name." + escape(cluster) + "." }

// escape writes any text in the characters that one element of a key may have. Different texts stay different: "=" itself
// is escaped, and the empty text is "=".
func escape(text string) string {
	if text == "" {
		return "="
	}
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return b.String()
}
