package apitest

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// collections says where objects of a kind are.
var collections = map[string]string{
	"ClusterRole":              "/apis/rbac.authorization.k8s.io/v1/clusterroles",
	"ClusterRoleBinding":       "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
	"CronJob":                  "/apis/batch/v1/namespaces/{namespace}/cronjobs",
	"CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
	"DaemonSet":                "/apis/apps/v1/namespaces/{namespace}/daemonsets",
	"Deployment":               "/apis/apps/v1/namespaces/{namespace}/deployments",
	"IngressClass":             "/apis/networking.k8s.io/v1/ingressclasses",
	"IPAddressPool":            "/apis/metallb.io/v1beta1/namespaces/{namespace}/ipaddresspools",
	"L2Advertisement":          "/apis/metallb.io/v1beta1/namespaces/{namespace}/l2advertisements",
	"BGPAdvertisement":         "/apis/metallb.io/v1beta1/namespaces/{namespace}/bgpadvertisements",
	"Namespace":                "/api/v1/namespaces",
	"Node":                     "/api/v1/nodes",
	"Pod":                      "/api/v1/namespaces/{namespace}/pods",
	"ResourceQuota":            "/api/v1/namespaces/{namespace}/resourcequotas",
	"Secret":                   "/api/v1/namespaces/{namespace}/secrets",
	"Service":                  "/api/v1/namespaces/{namespace}/services",
	"ServiceAccount":           "/api/v1/namespaces/{namespace}/serviceaccounts",
	"StatefulSet":              "/apis/apps/v1/namespaces/{namespace}/statefulsets",
	"StorageClass":             "/apis/storage.k8s.io/v1/storageclasses",
}

// Apply writes the objects of a stream of YAML documents as the administrator, in order, each with its status when it has one. It
// returns when the resources that definitions bring are served.
func (c *Cluster) Apply(t testing.TB, documents string) {
	t.Helper()
	for document := range strings.SplitSeq(documents, "\n---\n") {
		var object struct {
			Kind     string `json:"kind"`
			Metadata struct {
				Name      string `json:"name"`
				Namespace string `json:"namespace"`
			} `json:"metadata"`
		}
		var fields map[string]json.RawMessage
		err := errors.Join(yaml.Unmarshal([]byte(document), &object), yaml.Unmarshal([]byte(document), &fields))
		if err != nil {
			t.Fatalf("%v in\n%s", err, document)
		}
		if object.Kind == "" {
			continue // a comment
		}
		collection, ok := collections[object.Kind]
		if !ok {
			t.Fatalf("it is not known where a %s is", object.Kind)
		}
		path := strings.ReplaceAll(collection, "{namespace}", object.Metadata.Namespace) + "/" + object.Metadata.Name
		status, ok := fields["status"]
		delete(fields, "status") // it has a path of its own
		c.patch(t, path+"?fieldManager=test&force=true", "application/apply-patch+yaml", fields)
		if ok {
			c.patch(t, path+"/status", "application/merge-patch+json", map[string]json.RawMessage{"status": status})
		}
	}
}

// patch sends the fields, and again while the path is not there: a resource that a definition has just brought may not be served yet.
func (c *Cluster) patch(t testing.TB, path, contentType string, fields map[string]json.RawMessage) {
	t.Helper()
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	var refused *statusError
	c.wait(t, func() error {
		err := c.ask(http.MethodPatch, path, contentType, body)
		if errors.As(err, &refused) && refused.code != http.StatusNotFound {
			t.Fatal(err)
		}
		return err
	})
}

// Delete deletes what is at the path. What needs a controller to go, such as a namespace, stays as being deleted.
func (c *Cluster) Delete(t testing.TB, path string) {
	t.Helper()
	if err := c.ask(http.MethodDelete, path, "", nil); err != nil {
		t.Fatal(err)
	}
}

// Token asks for a token of a service account, as a pod of it would get.
func (c *Cluster) Token(t testing.TB, namespace, account string) string {
	t.Helper()
	data, err := c.answer(Admin, http.MethodPost, "/api/v1/namespaces/"+namespace+"/serviceaccounts/"+account+"/token", "application/json",
		[]byte(`{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":600}}`))
	var answer struct {
		Status struct {
			Token string `json:"token"`
		} `json:"status"`
	}
	if err == nil {
		err = json.Unmarshal(data, &answer)
	}
	if err != nil || answer.Status.Token == "" {
		t.Fatalf("no token: %v", err)
	}
	return answer.Status.Token
}
