package kubernetes

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	quantity "k8s.io/apimachinery/pkg/api/resource"
)

func TestRequested(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	asks := func(cpu, memory string) corev1.Container {
		list := corev1.ResourceList{}
		if cpu != "" {
			list[corev1.ResourceCPU] = quantity.MustParse(cpu)
		}
		if memory != "" {
			list[corev1.ResourceMemory] = quantity.MustParse(memory)
		}
		return corev1.Container{Resources: corev1.ResourceRequirements{Requests: list}}
	}
	beside := func(c corev1.Container) corev1.Container { c.RestartPolicy = &always; return c }
	const mib = 1 << 20
	tests := map[string]struct {
		reason string
		spec   corev1.PodSpec
		cpu    int64
		memory int64
	}{
		"Nothing": {reason: "best effort", spec: corev1.PodSpec{Containers: []corev1.Container{{}}}},
		"Sum": {
			reason: "containers run together",
			spec:   corev1.PodSpec{Containers: []corev1.Container{asks("250m", "64Mi"), asks("1", ""), asks("", "64M")}},
			cpu:    1250, memory: 64*mib + 64_000_000,
		},
		"InitIsMore": {
			reason: "init containers run one after another: the largest counts, and each resource by itself",
			spec: corev1.PodSpec{InitContainers: []corev1.Container{asks("2", "8Mi"), asks("1", "16Mi")},
				Containers: []corev1.Container{asks("500m", "128Mi")}},
			cpu: 2000, memory: 128 * mib,
		},
		"SidecarStays": {
			reason: "a sidecar runs beside the init containers after it, not beside those before, and beside all containers",
			spec: corev1.PodSpec{InitContainers: []corev1.Container{asks("1900m", "10Mi"), beside(asks("200m", "50Mi")), asks("1800m", "")},
				Containers: []corev1.Container{asks("1", "100Mi")}},
			cpu: 2000, memory: 150 * mib,
		},
		"SidecarsAreMany": {
			reason: "all of them run on",
			spec: corev1.PodSpec{InitContainers: []corev1.Container{beside(asks("100m", "")), beside(asks("200m", ""))},
				Containers: []corev1.Container{asks("300m", "")}},
			cpu: 600,
		},
		"Overhead": {
			reason: "what the sandbox of a runtime class takes comes on top of the larger of the two",
			spec: corev1.PodSpec{InitContainers: []corev1.Container{asks("1", "")}, Containers: []corev1.Container{asks("500m", "1Mi")},
				Overhead: corev1.ResourceList{corev1.ResourceCPU: quantity.MustParse("250m"), corev1.ResourceMemory: quantity.MustParse("120Mi")}},
			cpu: 1250, memory: 121 * mib,
		},
		"WholePod": {
			reason: "what the pod requests as a whole takes the place of the sum, for that resource alone",
			spec: corev1.PodSpec{Containers: []corev1.Container{asks("500m", "10Mi"), asks("500m", "10Mi")},
				Resources: &corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: quantity.MustParse("3")}}},
			cpu: 3000, memory: 20 * mib,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cpu, memory := requested(&test.spec, corev1.ResourceCPU), requested(&test.spec, corev1.ResourceMemory)
			if cpu != test.cpu || memory != test.memory {
				t.Errorf("got %dm and %d bytes, want %dm and %d: %s", cpu, memory, test.cpu, test.memory, test.reason)
			}
		})
	}
}

func TestExtendedResources(t *testing.T) {
	for name, want := range map[string]bool{
		"nvidia.com/gpu": true, "intel.com/sriov": true, "cpu": false, "memory": false, "ephemeral-storage": false, "hugepages-2Mi": false,
		"attachable-volumes-csi-rbd": false, "kubernetes.io/batch-cpu": false, "storage.kubernetes.io/x": false, "mykubernetes.io/x": true,
	} {
		if got := extended(name); got != want {
			t.Errorf("%s is extended: %t, want %t", name, got, want)
		}
	}
}
