"""Which adapter reads the jobs of which classes: the list that the registry starts with, and that the README shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list.

    Attributes:
        family: the heading that it stands under in the README.
        name: the jobs, as their users call them.
        adapter: ``module:Class`` below this package.
        classes: the classes of the jobs as ``module:QualName``; a class of an older version is listed, too.
        install: the package to install.
        tried: with what the tests read the jobs: the provider itself, the provider's classes on a client that answers
            from a script, or nothing yet: then the adapter follows the provider's source.
    """

    family: str
    name: str
    adapter: str
    classes: tuple[str, ...]
    install: str = ""
    tried: Literal["itself", "scripted client", "not tried yet"] = "itself"


_PYTHON: Final = "Python"
_CLUSTER: Final = "Clusters and queues"
_CLOUD: Final = "Clouds"
_QUANTUM: Final = "Quantum"

CATALOGUE: Final = (
    Listed(
        _PYTHON,
        "futures of executors",
        "concurrent_futures:FutureAdapter",
        ("concurrent.futures._base:Future",),
    ),
    Listed(_PYTHON, "asyncio tasks", "asyncio:TaskAdapter", ("_asyncio:Task", "asyncio.tasks:Task")),
    Listed(_PYTHON, "asyncio futures", "asyncio:AsyncioFutureAdapter", ("_asyncio:Future", "asyncio.futures:Future")),
    Listed(_PYTHON, "`subprocess.Popen`", "subprocess:PopenAdapter", ("subprocess:Popen",)),
    Listed(_PYTHON, "asyncio processes", "subprocess:AsyncProcessAdapter", ("asyncio.subprocess:Process",)),
    Listed(
        _PYTHON,
        "processes found again",
        "foreign_process:ForeignProcessAdapter",
        ("primwidgets.adapters.foreign_process:ForeignProcess",),
    ),
    Listed(
        _PYTHON,
        "calls in a `multiprocessing.Pool`",
        "multiprocessing:PoolResultAdapter",
        ("multiprocessing.pool:ApplyResult",),
    ),
    Listed(
        _PYTHON,
        "`multiprocessing.Process`",
        "multiprocessing:ProcessAdapter",
        ("multiprocessing.process:BaseProcess",),
    ),
    Listed(_PYTHON, "`threading.Thread`", "threading:ThreadAdapter", ("threading:Thread",)),
    Listed(
        _PYTHON,
        "what `primwidgets.job_from` made",
        "job_from:CustomJobAdapter",
        ("primwidgets.adapters.job_from:CustomJob",),
    ),
    Listed(
        _CLUSTER,
        "Dask futures",
        "dask:DaskFutureAdapter",
        ("distributed.client:Future",),
        "distributed",
    ),
    Listed(
        _CLUSTER,
        "Dask collections",
        "dask:CollectionAdapter",
        ("primwidgets.adapters.dask:CollectionJob",),
        "distributed",
    ),
    Listed(
        _CLUSTER,
        "IPython Parallel",
        "ipyparallel:AsyncResultAdapter",
        ("ipyparallel.client.asyncresult:AsyncResult",),
        "ipyparallel",
    ),
    Listed(
        _CLUSTER,
        "IPython Parallel, results of other clients",
        "ipyparallel:HubResultAdapter",
        ("ipyparallel.client.asyncresult:AsyncHubResult",),
        "ipyparallel",
    ),
    Listed(_CLUSTER, "Ray references", "ray:ObjectRefAdapter", ("ray:ObjectRef", "ray._raylet:ObjectRef"), "ray"),
    Listed(_CLUSTER, "Celery results", "celery:CeleryAdapter", ("celery.result:AsyncResult",), "celery"),
    Listed(_CLUSTER, "RQ jobs", "rq:RqAdapter", ("rq.job:Job",), "rq"),
    Listed(
        _CLUSTER,
        "submitit jobs (Slurm, local)",
        "submitit:SubmititAdapter",
        ("submitit.core.core:Job",),
        "submitit",
    ),
    Listed(_CLUSTER, "Parsl app futures", "parsl:AppFutureAdapter", ("parsl.dataflow.futures:AppFuture",), "parsl"),
    Listed(
        _CLUSTER,
        "Prefect task runs",
        "prefect:PrefectFutureAdapter",
        ("prefect.futures:PrefectFuture",),
        "prefect",
    ),
    Listed(
        _CLUSTER,
        "Prefect flow runs",
        "prefect:PrefectFlowRunAdapter",
        ("prefect.futures:PrefectFlowRunFuture",),
        "prefect",
    ),
    Listed(
        _CLUSTER,
        "Globus Compute futures",
        "globus_compute:ComputeFutureAdapter",
        ("globus_compute_sdk.sdk.asynchronous.compute_future:ComputeFuture",),
        "globus-compute-sdk",
        "scripted client",
    ),
    Listed(_CLUSTER, "arq jobs", "arq:ArqAdapter", ("arq.jobs:Job",), "arq"),
    Listed(
        _CLUSTER,
        "Spark streaming queries",
        "spark:StreamingQueryAdapter",
        ("pyspark.sql.streaming.query:StreamingQuery", "pyspark.sql.connect.streaming.query:StreamingQuery"),
        "pyspark",
    ),
    Listed(
        _CLOUD,
        "BigQuery jobs",
        "google_cloud:BigQueryAdapter",
        ("google.cloud.bigquery.job.base:_AsyncJob",),
        "google-cloud-bigquery",
        "scripted client",
    ),
    Listed(
        _CLOUD,
        "Google Cloud long-running operations",
        "google_cloud:OperationAdapter",
        ("google.api_core.operation:Operation",),
        "google-api-core",
        "scripted client",
    ),
    Listed(
        _CLOUD,
        "pollers of Azure's libraries",
        "azure_core:PollerAdapter",
        ("azure.core.polling._poller:LROPoller",),
        "azure-core",
        "scripted client",
    ),
    Listed(
        _CLOUD,
        "Snowpark's asynchronous queries",
        "snowpark:SnowparkAdapter",
        ("snowflake.snowpark.async_job:AsyncJob",),
        "snowflake-snowpark-python",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "any primitive job",
        "base_primitive_job:BasePrimitiveJobAdapter",
        (
            "primwidgets.primitive_job:BasePrimitiveJob",
            "qiskit.primitives.base.base_primitive_job:BasePrimitiveJob",
        ),
        "qiskit",
    ),
    Listed(
        _QUANTUM,
        "Qiskit's and Aer's primitives",
        "qiskit_primitives:PrimitiveJobAdapter",
        ("qiskit.primitives.primitive_job:PrimitiveJob",),
        "qiskit",
    ),
    Listed(
        _QUANTUM,
        "Qiskit Aer, the basic simulator",
        "qiskit_jobs:LocalJobAdapter",
        (
            "qiskit_aer.jobs.aerjob:AerJob",
            "qiskit.providers.basic_provider.basic_provider_job:BasicProviderJob",
        ),
        "qiskit-aer",
    ),
    Listed(
        _QUANTUM,
        "any Qiskit circuit job",
        "qiskit_jobs:JobV1Adapter",
        ("qiskit.providers.job:JobV1",),
        "qiskit",
    ),
    Listed(
        _QUANTUM,
        "IBM Quantum",
        "qiskit_ibm_runtime:RuntimeJobAdapter",
        (
            "qiskit_ibm_runtime.runtime_job_v2:RuntimeJobV2",
            # Older versions derive all their jobs from one class.
            "qiskit_ibm_runtime.runtime_job:RuntimeJob",
            "qiskit_ibm_runtime.base_runtime_job:BaseRuntimeJob",
        ),
        "qiskit-ibm-runtime",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "IonQ's Qiskit jobs",
        "ionq:IonqAdapter",
        ("qiskit_ionq.ionq_job:IonQJob",),
        "qiskit-ionq",
        "scripted client",
    ),
    Listed(_QUANTUM, "IQM", "iqm:IqmAdapter", ("iqm.qiskit_iqm.iqm_job:IQMJob",), "iqm-client", "scripted client"),
    Listed(
        _QUANTUM,
        "Amazon Braket tasks",
        "braket:BraketTaskAdapter",
        ("braket.aws.aws_quantum_task:AwsQuantumTask",),
        "amazon-braket-sdk",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "Amazon Braket hybrid jobs",
        "braket:BraketJobAdapter",
        ("braket.aws.aws_quantum_job:AwsQuantumJob",),
        "amazon-braket-sdk",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "Amazon Braket's local simulator",
        "braket:LocalTaskAdapter",
        (
            "braket.tasks.local_quantum_task:LocalQuantumTask",
            "braket.jobs.local.local_job:LocalQuantumJob",
        ),
        "amazon-braket-sdk",
    ),
    Listed(
        _QUANTUM,
        "Amazon Braket's Qiskit jobs",
        "braket:QiskitTaskAdapter",
        (
            "qiskit_braket_provider.providers.braket_quantum_task:BraketQuantumTask",
            "qiskit_braket_provider.providers.braket_primitive_task:BraketPrimitiveTask",
        ),
        "qiskit-braket-provider",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "Azure Quantum",
        "azure_quantum:AzureJobAdapter",
        ("azure.quantum.job.job:Job",),
        "azure-quantum",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "Azure Quantum's Qiskit jobs",
        "azure_quantum:AzureQiskitAdapter",
        ("azure.quantum.qiskit.job:AzureQuantumJob",),
        "azure-quantum",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "cirq-google's local simulator",
        "cirq_google:LocalEngineJobAdapter",
        ("cirq_google.engine.simulated_local_job:SimulatedLocalJob",),
        "cirq-google",
    ),
    Listed(
        _QUANTUM,
        "qBraid",
        "qbraid:QbraidAdapter",
        ("qbraid.runtime.native.job:QbraidJob",),
        "qbraid",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "Google's quantum engine",
        "cirq_google:EngineJobAdapter",
        ("cirq_google.engine.engine_job:EngineJob",),
        "cirq-google",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "AQT",
        "aqt:AqtAdapter",
        ("qiskit_aqt_provider._cloud.job:CloudJob",),
        "qiskit-aqt-provider",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "D-Wave futures",
        "dwave:DwaveFutureAdapter",
        ("dwave.cloud.computation:Future",),
        "dwave-cloud-client",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "sample sets of D-Wave, pending or not",
        "dwave:SampleSetAdapter",
        ("dimod.sampleset:SampleSet",),
        "dimod",
    ),
    Listed(
        _QUANTUM,
        "Pasqal batches",
        "pasqal:PasqalBatchAdapter",
        ("pasqal_cloud.batch:Batch",),
        "pasqal-cloud",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "Pasqal jobs",
        "pasqal:PasqalJobAdapter",
        ("pasqal_cloud.job:Job",),
        "pasqal-cloud",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "Pulser's remote results",
        "pasqal:RemoteResultsAdapter",
        ("pulser.backend.remote:RemoteResults",),
        "pulser-core",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "Perceval (Quandela)",
        "perceval:PercevalAdapter",
        (
            "perceval.runtime.execution:Execution",
            "perceval.runtime.legacy.job:Job",
            "perceval.runtime.job:Job",
        ),
        "perceval-quandela",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "Quantinuum Nexus",
        "qnexus:NexusAdapter",
        ("qnexus.models.references:JobRef",),
        "qnexus",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "Superstaq's Qiskit jobs",
        "superstaq:SuperstaqAdapter",
        ("qiskit_superstaq.superstaq_job:SuperstaqJob",),
        "qiskit-superstaq",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "Xanadu Cloud",
        "xanadu:XanaduAdapter",
        ("xcc.job:Job",),
        "xanadu-cloud-client",
        "scripted client",
    ),
    Listed(
        _QUANTUM,
        "Qiskit Serverless",
        "qiskit_serverless:ServerlessAdapter",
        ("qiskit_serverless.core.job:Job",),
        "qiskit-serverless",
        "scripted client",
    ),
)
