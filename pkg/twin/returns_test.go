package twin

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// returns is what the API facts say of an answer.
type returns struct {
	Type       string              `json:"type"`
	Optional   bool                `json:"optional"`
	Enum       []string            `json:"enum"`
	Items      *returns            `json:"items"`
	Properties map[string]*returns `json:"properties"`
}

// schemas reads what the answers of a release look like, by path, of GET alone.
func schemas(t *testing.T, release string) map[string]*returns {
	t.Helper()
	file, err := os.Open("apifacts/pve-api-" + release + ".json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unzip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*returns{}
	lines := bufio.NewScanner(unzip)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimSuffix(lines.Text(), ",")
		var e struct {
			Path, Method string
			Returns      *returns
		}
		if strings.HasPrefix(line, `{"path":`) && json.NewDecoder(strings.NewReader(line)).Decode(&e) == nil && e.Method == "GET" && e.Returns != nil {
			all[e.Path] = e.Returns
		}
	}
	return all
}

// faults lists where a value is not what the facts say. Booleans travel as 0 and 1.
func (r *returns) faults(at string, v any) []string {
	if v == nil {
		return nil // Perl's undef stands for any type
	}
	var found []string
	wrong := func() []string { return []string{fmt.Sprintf("%s is %v, not %s", at, v, r.Type)} }
	switch r.Type {
	case "array":
		rows, ok := v.([]any)
		if !ok {
			return wrong()
		}
		for i, row := range rows {
			if r.Items != nil {
				found = append(found, r.Items.faults(fmt.Sprintf("%s[%d]", at, i), row)...)
			}
		}
	case "object":
		fields, ok := v.(map[string]any)
		if !ok {
			return wrong()
		}
		for name, p := range r.Properties {
			value, there := fields[name]
			switch {
			case there:
				found = append(found, p.faults(at+"."+name, value)...)
			case !p.Optional:
				found = append(found, at+"."+name+" is missing")
			}
		}
	case "string":
		text, ok := v.(string)
		if !ok || len(r.Enum) > 0 && !slices.Contains(r.Enum, text) {
			return wrong()
		}
	case "number":
		if _, ok := v.(float64); !ok {
			return wrong()
		}
	case "integer":
		if n, ok := v.(float64); !ok || n != math.Trunc(n) {
			return wrong()
		}
	case "boolean":
		if n, ok := v.(float64); !ok || n != 0 && n != 1 {
			return wrong()
		}
	}
	return found
}

// What a collector reads beside the list of resources is answered as the facts of the release say.
func TestAnswersAgreeWithFacts(t *testing.T) {
	for version, release := range map[string]string{"8.4.1": "8.4", "9.1.1": "9.1"} {
		t.Run(version, func(t *testing.T) {
			facts := schemas(t, release)
			c := newLab(t, Options{Version: version})
			c.must("POST /cluster/replication", "id=119-0&target=pmox02&type=local&rate=10&disable=1", nil)
			if err := c.cluster.Busy("vzdump", "pmox01", "119"); err != nil {
				t.Fatal(err)
			}
			if err := c.cluster.SetOSDs("pmox02", false); err != nil {
				t.Fatal(err)
			}
			for path, template := range map[string]string{
				"/cluster/backup": "", "/cluster/backup-info/not-backed-up": "", "/cluster/ceph/status": "", "/cluster/replication": "", "/cluster/tasks": "",
				"/cluster/status": "", "/cluster/config/nodes": "", "/cluster/ha/status/current": "", "/cluster/ha/status/manager_status": "", "/cluster/sdn/zones": "",
				"/nodes/pmox01/ceph/pool": "/nodes/{node}/ceph/pool", "/nodes/pmox01/ceph/status": "/nodes/{node}/ceph/status", "/nodes/pmox01/disks/list": "/nodes/{node}/disks/list",
				"/nodes/pmox01/status": "/nodes/{node}/status", "/nodes/pmox01/network": "/nodes/{node}/network",
				"/nodes/pmox01/storage/cephfs/content": "/nodes/{node}/storage/{storage}/content",
			} {
				if template == "" {
					template = path
				}
				schema := facts[template]
				if schema == nil {
					t.Errorf("the facts do not know %s", template)
					continue
				}
				var answer any
				c.must("GET "+path, "", &answer)
				for _, fault := range schema.faults(path, answer) {
					if !strings.Contains(fault, ".prune-backups.keep-") { // parsed from a property string, so Perl sends digits as text
						t.Error(fault)
					}
				}
			}
		})
	}
}
