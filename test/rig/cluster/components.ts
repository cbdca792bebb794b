/** A program that the rig runs, built from the wrapper module `modules/<wrapper>`. */
export interface Component {
  readonly binary: string;
  /** Go package, as imported by the wrapper's `tools.go`. */
  readonly package: string;
  /** Version stamps: `-X name=value`. Without them Kubernetes says `v0.0.0-master+$Format:%H$`. */
  readonly stamps: Readonly<Record<string, string>>;
}

/** Files that a module carries beside its code: CRDs and kwok's stages. */
export interface Asset {
  /** Module path; with a version when the wrapper does not require it (downloaded only). */
  readonly module: string;
  /** Folder inside the module. */
  readonly folder: string;
  /** Names of the files that are wanted; the folders also hold test data that must not be applied. */
  readonly files: RegExp;
  /** Folder beside the binaries. */
  readonly to: string;
}

export interface Wrapper {
  readonly name: string;
  readonly components: readonly Component[];
  readonly assets: readonly Asset[];
}

const kubernetesStamps: Readonly<Record<string, string>> = {
  'k8s.io/component-base/version.gitVersion': 'v1.35.4',
  'k8s.io/component-base/version.gitMajor': '1',
  'k8s.io/component-base/version.gitMinor': '35',
  'k8s.io/component-base/version.gitTreeState': 'clean',
  'k8s.io/client-go/pkg/version.gitVersion': 'v1.35.4',
};

const kubernetes = (binary: string): Component => ({
  binary,
  package: `k8s.io/kubernetes/cmd/${binary}`,
  stamps: kubernetesStamps,
});

const crds = (module: string): Asset => ({ module, folder: 'config/crd/bases', files: /\.yaml$/, to: 'crds' });

const kwokStages = (folder: string, files: RegExp): Asset => ({
  module: 'sigs.k8s.io/kwok',
  folder: `kustomize/stage/${folder}`,
  files,
  to: `stages/${folder}`,
});

/** In the order of building: what most tests need comes first. */
export const wrappers: readonly Wrapper[] = [
  { name: 'etcd', components: [{ binary: 'etcd', package: 'go.etcd.io/etcd/server/v3', stamps: {} }], assets: [] },
  {
    name: 'kubernetes',
    components: ['kube-apiserver', 'kubectl', 'kube-controller-manager', 'kube-scheduler'].map(kubernetes),
    assets: [],
  },
  {
    name: 'kwok',
    components: [{ binary: 'kwok', package: 'sigs.k8s.io/kwok/cmd/kwok', stamps: {} }],
    assets: [
      kwokStages('node/fast', /^node-.*\.yaml$/),
      kwokStages('node/heartbeat-with-lease', /^node-.*\.yaml$/),
      kwokStages('pod/fast', /^pod-.*\.yaml$/),
      kwokStages('volume/fast', /^(pv|pvc|storage)-.*\.yaml$/),
    ],
  },
  {
    name: 'kustomize',
    components: [
      {
        binary: 'kustomize',
        package: 'sigs.k8s.io/kustomize/kustomize/v5',
        stamps: { 'sigs.k8s.io/kustomize/api/provenance.version': 'v5.8.1' },
      },
    ],
    assets: [],
  },
  {
    name: 'kustomize-controller',
    components: [{ binary: 'kustomize-controller', package: 'github.com/fluxcd/kustomize-controller', stamps: {} }],
    // source-controller of any version does not build (a dependency is gone), but its CRDs can be had.
    assets: [crds('github.com/fluxcd/kustomize-controller'), crds('github.com/fluxcd/source-controller@v1.9.5')],
  },
  {
    name: 'helm',
    components: [
      {
        binary: 'helm',
        package: 'helm.sh/helm/v4/cmd/helm',
        stamps: { 'helm.sh/helm/v4/internal/version.version': 'v4.3.1' },
      },
    ],
    assets: [],
  },
  {
    name: 'helm-controller',
    components: [{ binary: 'helm-controller', package: 'github.com/fluxcd/helm-controller', stamps: {} }],
    assets: [crds('github.com/fluxcd/helm-controller')],
  },
  {
    name: 'argocd',
    components: [
      {
        binary: 'argocd',
        package: 'github.com/argoproj/argo-cd/v3/cmd',
        stamps: { 'github.com/argoproj/argo-cd/v3/common.version': '3.2.3' },
      },
    ],
    assets: [
      {
        module: 'github.com/argoproj/argo-cd/v3',
        folder: 'manifests/crds',
        files: /^(application|applicationset|appproject)-crd\.yaml$/,
        to: 'crds',
      },
    ],
  },
];

/** Named sets for `build.ts` and for the tests' question "is everything there?". */
export const sets: Readonly<Record<string, readonly string[]>> = {
  'api-server': ['etcd', 'kubernetes'],
  'control-plane': ['etcd', 'kubernetes', 'kwok'],
  flux: ['kustomize-controller', 'helm-controller', 'helm'],
  argocd: ['argocd', 'kustomize', 'helm'],
};
