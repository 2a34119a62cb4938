package guard

import (
	"encoding/json"
	"slices"
	"strings"
)

// machineKeys are the keys of an object that describes a machine, as people paste it.
var machineKeys = strings.Fields("name hostname vmid vm_id id count template clone source image os cores cpu cpus vcpu vcpus sockets memory memory_mb memory_mib memory_gb mem " +
	"ram disk disk_gb disk_gib disk_size size storage node network bridge vlan ip ipv4 address gateway dns user tags pool ha onboot start_at_boot started role type")

// withoutMachines blanks the objects in a text that describe machines and nothing else, offsets kept: braces and quotes make
// no order of them.
func withoutMachines(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var out []byte
	for from := 0; from < len(text); {
		i := strings.IndexByte(text[from:], '{')
		if i < 0 {
			break
		}
		start := from + i
		end := start + strings.IndexByte(text[start:], '}') + 1
		if end <= start {
			break
		}
		if describesMachine(text[start:end]) {
			if out == nil {
				out = []byte(text)
			}
			for k := start; k < end; k++ {
				out[k] = ' '
			}
		}
		from = start + 1
	}
	if out == nil {
		return text
	}
	return string(out)
}

// describesMachine reports whether a text is a flat JSON object with keys of a machine and values that are plain.
func describesMachine(text string) bool {
	var object map[string]any
	if len(text) > 2048 || json.Unmarshal([]byte(text), &object) != nil || len(object) < 2 {
		return false
	}
	for key, v := range object {
		if !slices.Contains(machineKeys, strings.ToLower(key)) {
			return false
		}
		switch v := v.(type) {
		case float64, bool, nil:
		case string:
			if len(Inspect("value", v)) > 0 {
				return false
			}
		default:
			return false
		}
	}
	return true
}
