{{/* Equal to src/extender/scheduler-config.ts, which says why each line is there; a test compares the two. */}}
{{- define "proffer.schedulerConfig" -}}
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
clientConnection:
  qps: 500
  burst: 1000
leaderElection:
  leaderElect: true
  resourceName: {{ include "proffer.name" . }}-scheduler
  resourceNamespace: {{ .Release.Namespace | quote }}
percentageOfNodesToScore: 100
podInitialBackoffSeconds: 1
podMaxBackoffSeconds: 2
profiles:
  - schedulerName: {{ .Values.scheduler.name | quote }}
extenders:
  - urlPrefix: http://127.0.0.1:{{ .Values.scheduler.extenderPort }}/
    filterVerb: filter
    prioritizeVerb: prioritize
    preemptVerb: preempt
    weight: {{ .Values.scheduler.extenderWeight }}
    nodeCacheCapable: true
    ignorable: false
    httpTimeout: 2s
{{- end -}}
