package reading_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

func TestHosts(t *testing.T) {
	tests := map[string]struct {
		reason      string
		name, value string
		want        []string
	}{
		"Port":      {"a word before a port is a host", "UPSTREAM", "db:5432", []string{"db"}},
		"Address":   {"the host of an address", "X", "http://api/", []string{"api"}},
		"User":      {"what stands before the host is none", "X", "postgres://shop:p:w@db/shop?sslmode=disable", []string{"db"}},
		"JDBC":      {"a scheme before the scheme", "X", "jdbc:postgresql://db:5432/shop", []string{"db"}},
		"MySQL":     {"Go's form", "X", "shop:pw@tcp(db:3306)/shop?parseTime=true", []string{"db"}},
		"DSN":       {"words of libpq", "X", "host=db port=5432 user=shop", []string{"db"}},
		"List":      {"all of a list", "X", "kafka1:9092,kafka2:9092", []string{"kafka1", "kafka2"}},
		"Mongo":     {"several hosts of one address", "X", "mongodb://a:27017,b:27017/shop", []string{"a", "b"}},
		"Alone":     {"the name says that it is one", "DB_HOST", "db", []string{"db"}},
		"Word":      {"a word alone is only a word", "MODE", "web", nil},
		"Variable":  {"a port that is not known yet", "X", "db:${DB_PORT}", []string{"db"}},
		"Image":     {"what follows is no port", "X", "nginx:latest", nil},
		"InCluster": {"the service's own name is its first label", "X", "http://db.shop.svc.cluster.local:80", []string{"db.shop.svc.cluster.local", "db"}},
		"Public":    {"the first label of a public name is nobody's", "X", "https://api.example.org", []string{"api.example.org"}},
		"Path":      {"a path is no host", "DATA_DIR", "/var/lib/db", nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, reading.Hosts(tc.name, tc.value)); diff != "" {
				t.Errorf("%s\n-want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
